; The name under which a shortcut's program sends its notifications.
!include Win\COM.nsh
!include Win\Propkey.nsh

; SetAppID writes ${AUMID} into the IPropertyStore in a register other than
; $3, $4 and $5, which it uses.
!macro SetAppID store
  System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
  System::Call '*(&w${NSIS_MAX_STRLEN} "${AUMID}")p.r5'
  System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,p r5)p.r4'
  ${IPropertyStore::SetValue} ${store} '($3,$4)'
  ${IPropertyStore::Commit} ${store} ""
  System::Free $3
  System::Free $4
  System::Free $5
!macroend
