; Writes the property that the installer gives to its shortcut into a store in
; memory, for Wine's shortcuts have no properties, and what comes out of the
; store into result.txt beside this program.
Unicode true
Target amd64-unicode
RequestExecutionLevel user
SilentInstall silent
OutFile "${OUT}"
Name "appid"
!include LogicLib.nsh
!include "${APPID}"

Section
  System::Call 'PROPSYS::PSCreateMemoryPropertyStore(g"${IID_IPropertyStore}",*p.r2)i.r0'
  !insertmacro SetAppID $2
  System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
  System::Call '*${SYSSTRUCT_PROPVARIANT}()p.r4'
  ${IPropertyStore::GetValue} $2 '($3,$4)'
  System::Call '*$4(&i2.r5,&i6,p.r6)'
  System::Call '*$6(&w64.r7)'
  FileOpen $1 "$EXEDIR\result.txt" w
  FileWrite $1 "$0 $5 $7"
  FileClose $1
SectionEnd
