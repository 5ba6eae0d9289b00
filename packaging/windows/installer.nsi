; The installer of llutray for Windows: for one user, without an administrator.
; Silent: llutray-X-setup.exe /S, uninstall.exe /S (keeps settings and readings)
; or uninstall.exe /S /DELETEDATA.
; Given by packaging/build: VERSION, SOURCE (a folder with the files), OUT, AUMID.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 64 ; the two programs are nearly one: it reaches across
SetDateSave off

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include "${__FILEDIR__}\appid.nsh"

!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\llutray"
!define APPPATH "Software\Microsoft\Windows\CurrentVersion\App Paths\llutray.exe"
!define SHORTCUT "$SMPROGRAMS\llutray.lnk"

Name "llutray"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\llutray"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "llutray ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "llutray"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "llutray Setup"
VIAddVersionKey CompanyName "The llutray authors"
VIAddVersionKey LegalCopyright "The llutray authors, MIT licence"

!define MUI_ICON "${SOURCE}\llutray.ico"
!define MUI_UNICON "${SOURCE}\llutray.ico"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
; The page's box for a readme serves for the start at login.
!define MUI_FINISHPAGE_RUN "$INSTDIR\llutray.exe"
!define MUI_FINISHPAGE_SHOWREADME
!define MUI_FINISHPAGE_SHOWREADME_TEXT "$(StartAtLogin)"
!define MUI_FINISHPAGE_SHOWREADME_FUNCTION AutostartOn
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!macro TEXTS language login data
  !insertmacro MUI_LANGUAGE "${language}"
  LangString StartAtLogin ${LANG_${language}} "${login}"
  LangString DeleteData ${LANG_${language}} "${data}"
!macroend
!insertmacro TEXTS English "Start llutray with Windows" "Also delete your settings, readings and sign-in? This can't be undone."
!insertmacro TEXTS German "llutray mit Windows starten" "Auch Einstellungen, Messwerte und Anmeldung löschen? Das lässt sich nicht rückgängig machen."
!insertmacro TEXTS French "Lancer llutray avec Windows" "Supprimer aussi vos réglages, mesures et identifiants ? C'est irréversible."
!insertmacro TEXTS Spanish "Iniciar llutray con Windows" "¿Borrar también sus ajustes, lecturas e inicio de sesión? No se puede deshacer."
!insertmacro TEXTS Italian "Avviare llutray con Windows" "Eliminare anche impostazioni, letture e accesso? Non si può annullare."
!insertmacro TEXTS Dutch "llutray met Windows starten" "Ook uw instellingen, metingen en aanmelding verwijderen? Dit kan niet ongedaan worden gemaakt."
!insertmacro TEXTS Portuguese "Iniciar o llutray com o Windows" "Apagar também as suas definições, leituras e início de sessão? Não pode ser anulado."
!insertmacro TEXTS Polish "Uruchamiaj llutray z systemem Windows" "Usunąć także ustawienia, odczyty i dane logowania? Tego nie można cofnąć."

; EndRunning ends the program gently, then not, and says in $9 whether it ran: 0.
!macro EndRunning
  nsExec::Exec '"$SYSDIR\taskkill.exe" /IM llutray.exe'
  Pop $9
  ${If} $9 == 0
    Sleep 1500
    nsExec::Exec '"$SYSDIR\taskkill.exe" /F /IM llutray.exe'
    Pop $8
    Sleep 500
  ${EndIf}
!macroend

; What still runs, perhaps in a terminal, can't be overwritten, but renamed.
!macro REPLACE name
  Delete "$INSTDIR\${name}.old"
  Rename "$INSTDIR\${name}" "$INSTDIR\${name}.old"
  File "${SOURCE}\${name}"
  Delete /REBOOTOK "$INSTDIR\${name}.old"
!macroend

Section
  SetOutPath "$INSTDIR"
  !insertmacro EndRunning
  !insertmacro REPLACE llutray.exe
  !insertmacro REPLACE llutray.com
  File "${SOURCE}\LICENSE.txt"
  File "${SOURCE}\THIRD-PARTY.txt"
  File "${SOURCE}\llutray.ps1"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "${SHORTCUT}" "$INSTDIR\llutray.exe"
  Call NameShortcut

  WriteRegStr HKCU "${APPPATH}" "" "$INSTDIR\llutray.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "llutray"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\llutray.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The llutray authors"
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "https://github.com/llutray/llutray"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
  ; An update must not leave anybody without alarms. Else the last page asks.
  ${If} $9 == 0
  ${AndIf} ${Silent}
    Exec '"$INSTDIR\llutray.exe"'
  ${EndIf}
SectionEnd

Function AutostartOn
  nsExec::Exec '"$INSTDIR\llutray.com" autostart on'
  Pop $0
FunctionEnd

; NameShortcut gives the shortcut the name under which the program sends its
; notifications, so that Windows keeps them in its list.
Function NameShortcut
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P<> 0
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
    ${If} $1 P<> 0
      ${IPersistFile::Load} $1 '("${SHORTCUT}",${STGM_READWRITE})'
      ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
      ${If} $2 P<> 0
        !insertmacro SetAppID $2
        ${IUnknown::Release} $2 ""
        ${IPersistFile::Save} $1 '("${SHORTCUT}",1)'
      ${EndIf}
      ${IUnknown::Release} $1 ""
    ${EndIf}
    ${IUnknown::Release} $0 ""
  ${EndIf}
FunctionEnd

Section Uninstall
  ; Ask first: the sign-in is deleted by the program itself.
  StrCpy $1 no
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DELETEDATA" $2
  ${IfNot} ${Errors}
    StrCpy $1 yes
  ${Else}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(DeleteData)" /SD IDNO IDNO keep
    StrCpy $1 yes
    keep:
  ${EndIf}
  !insertmacro EndRunning
  ${If} $1 == yes
    nsExec::Exec '"$INSTDIR\llutray.com" logout'
    Pop $0
    RMDir /r "$LOCALAPPDATA\llutray"
  ${EndIf}

  DeleteRegValue HKCU "${RUN}" "llutray"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${APPPATH}"
  DeleteRegKey HKCU "Software\Classes\AppUserModelId\${AUMID}"
  Delete "${SHORTCUT}"
  Delete /REBOOTOK "$INSTDIR\llutray.exe"
  Delete /REBOOTOK "$INSTDIR\llutray.com"
  Delete /REBOOTOK "$INSTDIR\*.old"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD-PARTY.txt"
  Delete "$INSTDIR\llutray.ps1"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
